"""`flask routing import-addresses`: house numbers of an OpenStreetMap extract into the register of addresses."""
from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from accounts.importing import house_number, is_postcode
from accounts.places import Place, in_slovenia
from accounts.register import OSM
from accounts.register_cli import Refused, load
from delivery.routing_cli import Bbox, bbox_option, group
from routing.maps.addresses import AddressPoint, read_addresses


@group.command("import-addresses")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@bbox_option("Only houses in this box.")
def import_addresses(file: Path, bbox: Bbox | None) -> None:
    """Load the addr:* tags of FILE, an .osm.pbf extract. Houses of the national register stay as they are.

    © OpenStreetMap contributors, ODbL: whoever publishes the list says so.
    """
    try:
        with click.progressbar(read_addresses(file, bbox), label="reading", show_pos=True, file=sys.stderr) as bar:
            found, left_out = places_of(bar)
    except (RuntimeError, ValueError, OSError) as error:
        raise Refused(f"{file.name} is no whole extract: {str(error)[:200]}. Nothing was written.") from error
    if not found:
        raise Refused(f"{file.name}: no whole Slovenian address is in it, {left_out} are not whole. "
                      "Nothing was written.")
    stored = load(found)
    click.echo(f"{stored.added} new addresses, {stored.updated} brought up to date, {left_out} left out that are not "
               "whole or not in Slovenia. © OpenStreetMap contributors")


def places_of(points: Iterable[AddressPoint]) -> tuple[list[Place], int]:
    """Places with street, number, postcode and town, and how many points were not."""
    found, left_out = [], 0
    for point in points:
        number = house_number(point.house_number)
        if number and point.street and point.city and is_postcode(point.postcode) and in_slovenia(point.lat, point.lon):
            found.append(Place(street=point.street[:80], house_number=number, postcode=point.postcode,
                               city=point.city[:60], lat=round(point.lat, 6), lon=round(point.lon, 6), source=OSM))
        else:
            left_out += 1
    return found, left_out
