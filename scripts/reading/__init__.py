"""Updated captions that people read: a sheet for the readers, and what their verdicts say."""
