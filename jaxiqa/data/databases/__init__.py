"""The databases of human opinion that are known by name, one small file a publisher's layout."""

from jaxiqa.data.databases.bapps import BAPPS_2AFC, BAPPS_JND
from jaxiqa.data.databases.csiq import CSIQ
from jaxiqa.data.databases.database import PAIR, TRIPLET, Columns, Database, keys
from jaxiqa.data.databases.folder import Folder, unpacked
from jaxiqa.data.databases.kadid import KADID10K
from jaxiqa.data.databases.kodak import TID2013_KODAK
from jaxiqa.data.databases.live import LIVE
from jaxiqa.data.databases.live_md import LIVE_MD
from jaxiqa.data.databases.mdid import MDID
from jaxiqa.data.databases.pipal import PIPAL
from jaxiqa.data.databases.tid import TID2008, TID2013

DATABASES: dict[str, Database] = {
    "tid2008": TID2008,
    "tid2013": TID2013,
    "tid2013-kodak": TID2013_KODAK,
    "kadid10k": KADID10K,
    "csiq": CSIQ,
    "live": LIVE,
    "live-md": LIVE_MD,
    "mdid": MDID,
    "pipal": PIPAL,
    "bapps-2afc": BAPPS_2AFC,
    "bapps-jnd": BAPPS_JND,
}

__all__ = ["DATABASES", "PAIR", "TRIPLET", "Columns", "Database", "Folder", "keys", "unpacked"]
