"""What changes in billing: invoices and credit notes, certificates, payments. No commit here."""
from __future__ import annotations

from billing.certificates import issue_certificates, keep_certificate, pay_out_certificate, replace_certificate
from billing.drafts import InvoiceDraft, InvoiceItem
from billing.invoices import issue_credit_note, issue_invoice
from billing.payments import record_payment

__all__ = ["InvoiceDraft", "InvoiceItem", "issue_certificates", "issue_credit_note", "issue_invoice",
           "keep_certificate", "pay_out_certificate", "record_payment", "replace_certificate"]
