"""What typed words mean, and whether they speak of danger."""
