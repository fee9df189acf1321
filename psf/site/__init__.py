"""The roof: home page, pages of text, health, robots, the admin site and the template engine."""
