"""Money that goes through the bank: references, payment slips, statements and transfers."""
