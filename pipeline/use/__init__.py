"""What people do with a published catalog."""
