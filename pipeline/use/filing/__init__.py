"""The evidence on one provider as a file that can be filed: the captures, the claims, and how to check both."""
