from .assembly import loss_landscape as loss_landscape
from .found import FoundPoint as FoundPoint
from .found import Search as Search
from .graph import Landscape as Landscape
from .paths import Path as Path
from .search import search_critical_points as search_critical_points
