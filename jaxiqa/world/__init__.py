"""Images made by program with the statistics of photographs: what pocket nets are trained on."""
