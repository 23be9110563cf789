from .claim import Claim as Claim
from .claim import rounding_claim as rounding_claim
from .evaluate import evaluate_claims as evaluate_claims
