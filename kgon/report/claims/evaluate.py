"""Judge every claim at once."""

from __future__ import annotations

from typing import Any

from kgon.base.work import HERE, Work
from kgon.report.artefact import Registry
from kgon.report.claims.claim import Claim
from kgon.report.graph import make_or_raise, plan_one


def evaluate_claims(*, work: Work = HERE, **studies: Any) -> list[Claim]:
    """Judge the claims that this version tests, at r = 2, c = 6.

    Parameters
    ----------
    work : Work
        Who computes what is needed and not given.
    **studies
        Results of studies by name, such as ``evidence``.  Claims on a slow study that is not given are left
        out.

    Raises
    ------
    KgonError
        A name that is no study.
    """
    agenda = plan_one(Registry("table")["claims"], studies)
    make_or_raise(agenda, work=work)
    found: list[Claim] = agenda.values["claims"]
    return found
