"""One picture, or one photograph, to one square grey face. Neither pandas nor torch here."""
