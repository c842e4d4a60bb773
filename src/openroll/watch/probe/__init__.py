"""What a machine on the internet sees of a site: its addresses, whether anybody answers, whether control of it is proved.

Run by the roll, and by mirrors and witnesses as its remote places: whoever files a site says what is asked here, so nothing of it
is believed. Names are resolved first and only an address that was judged is dialled, redirects too; everything has an end.
"""

from openroll.watch.probe.control import Control, check_control
from openroll.watch.probe.look import Look, look
from openroll.watch.probe.place import Place
from openroll.watch.probe.rounds import controls, looks

__all__ = ["Control", "Look", "Place", "check_control", "controls", "look", "looks"]
