"""Usage of meters out of the event store: SQL, and tables of extracted values for what is asked often."""
