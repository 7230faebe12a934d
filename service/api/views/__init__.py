"""Views: one file of endpoints each, which imports from no other; what several of them use lies in service/api."""
