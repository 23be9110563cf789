"""The page of the main job: the whole story in one file, and the same as data.

``whole`` declares it as an artefact; ``story`` and ``text_items`` say what stands where, ``contents`` puts
together what is shown, ``rendering`` fills the templates.  Nothing is computed here, and what the page shows
the data hold.
"""
