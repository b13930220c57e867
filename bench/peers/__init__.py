"""What Closer is measured against, each written as a competent user of it would."""
