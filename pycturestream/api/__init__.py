"""One HTTP application: the alert API, and the pages behind the links in emails."""
