"""Problems of sparseopt restated for other tools, from what sparseopt has traced of them."""
