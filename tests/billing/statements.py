"""Statements as banks write them, for tests."""
from __future__ import annotations

IBAN = "SI56020170014356205"
PAYER = "DE89370400440532013000"


def entry(amount: str, *, key: str, reference: str = "", purpose: str = "", name: str = "Mojca Žagar",
          iban: str = PAYER, out: bool = False, end_to_end: str = "NOTPROVIDED", new: bool = True) -> str:
    """One booked entry; `new`: as later versions of the format nest the party."""
    side = "Cdtr" if out else "Dbtr"
    party = f"<Pty><Nm>{name}</Nm></Pty>" if new else f"<Nm>{name}</Nm>"
    reference = f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>" if reference else ""
    purpose = f"<Ustrd>{purpose}</Ustrd>" if purpose else ""
    return f"""<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{'DBIT' if out else 'CRDT'}</CdtDbtInd>
      <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-23</Dt></BookgDt><AcctSvcrRef>{key}</AcctSvcrRef><NtryDtls><TxDtls>
      <Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><RltdPties><{side}>{party}</{side}>
      <{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct></RltdPties>
      <RmtInf>{reference}{purpose}</RmtInf></TxDtls></NtryDtls></Ntry>"""


def camt(*entries: str, opening: str = "100.00", closing: str, number: str = "2026-11-23/1", account: str = IBAN,
         version: str = "08") -> bytes:
    """A camt.053 file of one statement."""
    def balance(code: str, amount: str) -> str:
        return (f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
                f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-23</Dt></Dt></Bal>")

    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>
<Stmt><Id>{number}</Id><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>
{balance("OPBD", opening)}{balance("CLBD", closing)}{"".join(entries)}</Stmt></BkToCstmrStmt></Document>""".encode()


CSV_HEADING = "account;booked_on;amount;name;iban;reference;purpose;bank_reference\n"


def csv_row(amount: str = "24,90", *, key: str = "B1", reference: str = "", account: str = IBAN,
            day: str = "23.11.2026") -> str:
    """One line of our CSV."""
    return f"{account};{day};{amount};Mojca Žagar;{PAYER};{reference};Plin;{key}\n"
