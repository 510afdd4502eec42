"""The risk of a claim: facts in, level and reasons out, nothing else (design.md section 2)."""

from dataclasses import dataclass

from recovery import weights
from recovery.enums import RiskLevel


@dataclass(frozen=True)
class RiskFacts:
    """What raises or lowers the risk of a claim that people decide."""

    is_contested: bool = False
    competing_claims: int = 0  # with a strong proof or evidence above the bar
    has_young_contacts: bool = False  # added, removed or replaced in the last 30 days
    has_young_authenticators: bool = False
    is_known_device: bool = False
    network_seen: int = 0  # past sign-ins from it
    is_usual_country: bool = False
    tickets_of_network: int = 0  # opened in the last day, this one not counted
    tickets_of_contact: int = 0
    has_strong_proof: bool = False
    resets_second_step: bool = False


@dataclass(frozen=True)
class Risk:
    """A score of 0 to 100, higher is worse, its level, and (code, points) in order of weight."""

    score: int
    level: RiskLevel
    reasons: tuple[tuple[str, int], ...]


def assess(facts: RiskFacts) -> Risk:
    """Give the risk; total and without side effects."""
    points = _against(facts) | _around(facts) | _shown(facts)
    reasons = sorted(((code, count) for code, count in points.items() if count), key=_by_weight)
    score = max(0, min(100, sum(points.values())))
    return Risk(score=score, level=_level(score), reasons=tuple(reasons))


def _against(facts: RiskFacts) -> dict[str, int]:
    """Give what speaks against a claim whoever makes it."""
    competing = facts.competing_claims * weights.RISK_COMPETING
    many_of_network = facts.tickets_of_network >= weights.MANY_OF_NETWORK
    many_of_contact = facts.tickets_of_contact >= weights.MANY_OF_CONTACT
    return {
        "contested": facts.is_contested * weights.RISK_CONTESTED,
        "competing_claims": min(competing, weights.RISK_COMPETING_MOST),
        "young_contacts": facts.has_young_contacts * weights.RISK_YOUNG_CONTACTS,
        "young_authenticators": facts.has_young_authenticators * weights.RISK_YOUNG_AUTHENTICATORS,
        "tickets_of_network": many_of_network * weights.RISK_MANY,
        "tickets_of_contact": many_of_contact * weights.RISK_MANY,
    }


def _around(facts: RiskFacts) -> dict[str, int]:
    """Give what the browser, the network and the country say; any of them can be borrowed."""
    is_known_network = facts.network_seen >= weights.KNOWN_NETWORK_FROM
    return {
        "known_device": facts.is_known_device * weights.RISK_KNOWN_DEVICE,
        "new_device": (not facts.is_known_device) * weights.RISK_NEW_DEVICE,
        "known_network": is_known_network * weights.RISK_KNOWN_NETWORK,
        "new_network": (facts.network_seen == 0) * weights.RISK_NEW_NETWORK,
        "usual_country": facts.is_usual_country * weights.RISK_USUAL_COUNTRY,
        "new_country": (not facts.is_usual_country) * weights.RISK_NEW_COUNTRY,
    }


def _shown(facts: RiskFacts) -> dict[str, int]:
    """Give what was shown and what is at stake."""
    resets = facts.resets_second_step * weights.RISK_RESETS_SECOND_STEP
    return {
        "strong_proof": facts.has_strong_proof * weights.RISK_STRONG_PROOF,
        "no_proof": (not facts.has_strong_proof) * weights.RISK_NO_PROOF,
        "resets_second_step": resets,
    }


def _level(score: int) -> RiskLevel:
    if score < weights.RISK_MEDIUM:
        return RiskLevel.LOW
    return RiskLevel.MEDIUM if score < weights.RISK_HIGH else RiskLevel.HIGH


def _by_weight(reason: tuple[str, int]) -> tuple[int, str]:
    code, points = reason
    return -points, code
