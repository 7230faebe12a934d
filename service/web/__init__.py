"""The pages for fraud teams."""
