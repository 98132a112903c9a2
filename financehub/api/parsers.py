"""The API's request bodies."""

from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON as it is sent."""
