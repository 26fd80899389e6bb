"""The owner's desk: `/admin` in private, for owners alone; and the invitations made there."""
