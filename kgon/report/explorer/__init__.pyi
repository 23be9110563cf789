from .data import explorer_data as explorer_data
from .page import explorer_page as explorer_page
from .page import make_explorer as make_explorer
from .page import save_explorer as save_explorer
