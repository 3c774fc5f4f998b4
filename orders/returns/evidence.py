"""Photos kept with a case: read, turned upright, made small, and written anew without what a camera adds."""
from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from PIL import Image, ImageOps, UnidentifiedImageError

from core.db import db
from orders.returns.errors import WrongPhoto
from orders.returns.models import CaseEvidence, ReturnCase

LONGEST_SIDE = 1600
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A JPEG of ours."""

    jpeg: bytes
    width: int
    height: int


def read_photo(data: bytes) -> Photo:
    """A photo made of an upload: at most 1600 pixels long, no place or camera in it. WrongPhoto for anything else."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                raise WrongPhoto(width=found.width, height=found.height)
            picture = ImageOps.exif_transpose(found).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise WrongPhoto from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return Photo(jpeg=written.getvalue(), width=picture.width, height=picture.height)


def keep_photo(case: ReturnCase, photo: Photo, *, now: datetime, actor: str) -> CaseEvidence:
    """Keep a photo with a case, in the open unit of work."""
    kept = CaseEvidence(case_id=case.id, at=now, actor=actor, width=photo.width, height=photo.height, jpeg=photo.jpeg)
    db.session.add(kept)
    db.session.flush()
    return kept


def photos_of(case_id: int) -> Sequence[CaseEvidence]:
    """The photos of a case, oldest first, without their bytes."""
    return db.session.scalars(sa.select(CaseEvidence).where(CaseEvidence.case_id == case_id)
                              .order_by(CaseEvidence.id)).all()


def photo_of(case_id: int, photo_id: int) -> CaseEvidence | None:
    """One photo of that very case."""
    return db.session.scalar(sa.select(CaseEvidence).where(CaseEvidence.case_id == case_id,
                                                           CaseEvidence.id == photo_id))
