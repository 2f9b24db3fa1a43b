"""Local search for any problem: weighted tardiness with calendars, setups, alternatives, people and waits."""
