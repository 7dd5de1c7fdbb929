"""`unlatch doctor`: looks at everything the bot rests on, changes nothing, and says what to put right and where."""
