"""Ways a message leaves: texts, calendar invitations and channels."""
