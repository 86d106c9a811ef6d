"""Discord's commands and buttons, a file for each command or family of commands."""
