"""A trained network in use: its weights, its heads, its preprocessing and its calibration.

A network may have two heads. `labels` answers the question of its data set: which label does this face have? `people`,
available if several people voted on the training faces, answers: what would most people say? Labels are noisy and
depend on how a data set was collected; for photographs from elsewhere the second question is the relevant one.
"""

import threading
from dataclasses import dataclass, field, replace

import numpy as np
from torch import Tensor, nn

from fer_core.errors import InputError
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.heads import HEADS, Head
from fer_core.models.preprocess import Preprocessing, Views
from fer_core.models.probabilities import mean_logits


@dataclass(frozen=True)
class Calibration:
    """Matches a head's confidence to its accuracy: logits / temperature + biases.

    Attributes:
        temperature: above 1 lowers the confidence.
        biases: of the seven classes.
    """

    temperature: float = 1.0
    biases: tuple[float, ...] = (0.0,) * N_EXPRESSIONS

    def apply(self, logits: np.ndarray) -> np.ndarray:
        """(N, 7) -> (N, 7), of the same type."""
        return (logits / self.temperature + np.array(self.biases)).astype(logits.dtype)

    def apply_tensor(self, logits: Tensor) -> Tensor:
        """The same, of tensors."""
        return logits / self.temperature + logits.new_tensor(self.biases)


@dataclass(frozen=True)
class People:
    """How the answer of the `people` head is computed.

    Attributes:
        share: of its own probabilities in the answer; the rest are the labels head's. Unused for an ensemble, since
            each member has its own.
        calibration: of the mixture.
    """

    share: float = 1.0
    calibration: Calibration = field(default_factory=Calibration)


@dataclass(frozen=True, kw_only=True)
class Network:
    """One network.

    Attributes:
        model: (B, C, S, S) -> logits (B, 7), or (B, 14) with a `people` head, which has the last seven.
        name: its architecture.
        calibration: of the labels head.
        people: None without a `people` head.
        head: the active head.
        folded: whether `fer_core.models.folding` changed the model, which is then for inference only, never written.
        in_use: a lock held while computing with the model. Two threads that explain faces with one model at the same
            time mix up each other's gradients, and torch then ends the process.
    """

    model: nn.Module
    name: str
    preprocessing: Preprocessing
    calibration: Calibration = field(default_factory=Calibration)
    people: People | None = None
    head: Head = "labels"
    folded: bool = False
    in_use: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    @property
    def face_px(self) -> int:
        """Side of the faces that it takes."""
        return self.preprocessing.face_px

    @property
    def heads(self) -> tuple[Head, ...]:
        """Those that it has."""
        return HEADS if self.people else HEADS[:1]


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Several networks, or ensembles of them, that act as one: by the mean of their probabilities.

    Attributes:
        members: all for faces of one size; input size, channels, views and architecture may differ.
        weights: of the members in the mean.
        calibration: of the logarithm of the mean of their labels heads.
        people: of their `people` heads; None unless all of them have one.
        head: the active head, of each member too.
    """

    members: "tuple[Classifier, ...]"
    weights: tuple[int, ...]
    calibration: Calibration = field(default_factory=Calibration)
    people: People | None = None
    head: Head = "labels"

    @property
    def face_px(self) -> int:
        """Side of the faces that it takes."""
        return self.members[0].face_px

    @property
    def heads(self) -> tuple[Head, ...]:
        """Those that it has."""
        return HEADS if self.people and all("people" in member.heads for member in self.members) else HEADS[:1]


Classifier = Network | Ensemble  # what predict_logits, explain_face and predict_photo take


def ask(network: Classifier, head: Head | None) -> Classifier:
    """The same network with that head active; None: `people` if it has one, for photographs.

    Raises:
        InputError: if it has no such head.
    """
    head = head or network.heads[-1]
    if head not in network.heads:
        raise InputError(
            "This network has no people head. Choose the labels head, or fit one with fer runs add-people-head."
        )
    if isinstance(network, Ensemble):
        return replace(network, members=tuple(ask(member, head) for member in network.members), head=head)
    return replace(network, head=head)


def look_at(network: Classifier, views: Views) -> Classifier:
    """The same network, or all members of an ensemble, averaging other views of a face.

    Raises:
        InputError: for ten crops with a network that was trained on whole faces.
    """
    if isinstance(network, Ensemble):
        return replace(network, members=tuple(look_at(member, views) for member in network.members))
    if views == "ten_crop" and not network.preprocessing.crop_px:
        raise InputError(
            "This network was trained on whole faces, so ten crops are not available. Choose one, flip or wide."
        )
    return replace(network, preprocessing=replace(network.preprocessing, views=views))


def without_calibration(network: Classifier) -> Classifier:
    """The same network without its calibration; members of an ensemble stay calibrated."""
    people = replace(network.people, calibration=Calibration()) if network.people else None
    return replace(network, calibration=Calibration(), people=people)


def calibration_of(network: Classifier) -> Calibration:
    """The calibration of the active head."""
    return network.people.calibration if network.head == "people" and network.people else network.calibration


def mix_heads(labels: np.ndarray, people: np.ndarray, share: float) -> np.ndarray:
    """(N, 7) logits whose softmax is the mixture of two heads' probabilities.

    Args:
        labels: (N, 7) logits of the labels head.
        people: (N, 7) logits of the people head.
        share: of the second, 0 to 1.
    """
    if share in (0, 1):
        return people if share else labels
    return mean_logits([labels, people], [1 - share, share])
