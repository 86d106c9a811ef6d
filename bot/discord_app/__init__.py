"""The Discord client, its commands and its rules of admission; opens no library."""
