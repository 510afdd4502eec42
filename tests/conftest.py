"""What only the tests that cross apps need."""
