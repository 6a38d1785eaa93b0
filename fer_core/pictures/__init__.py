"""From a picture or photograph to one square grey face. Neither pandas nor torch here."""
