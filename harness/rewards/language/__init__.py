"""From the text of an answer to a checked program: nothing of it is executed here."""
