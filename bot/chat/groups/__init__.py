"""Groups: the settings panel and the commands of their admins."""
