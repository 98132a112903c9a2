"""A person's bank history as a pure function of the client and the day: no storage, no clock, no network."""
