"""Which parts of a face a prediction depends on: Grad-CAM."""

import numpy as np
import torch
from PIL import Image

from fer_core.inference.inputs import to_input
from fer_core.labels import INDEX, N_EXPRESSIONS
from fer_core.models.build import feature_maps, target_layer
from fer_core.models.heads import HEADS
from fer_core.models.network import Classifier, Ensemble


def explain_face(network: Classifier, face: np.ndarray, expression: str) -> np.ndarray:
    """(H, W) float32 heatmap of a (H, W) uint8 face, 0 to 1: 1 where the class's score depends on it most.

    It is zero everywhere if no part raises the score more than any other (`fer_core.inference.heatmap.is_blank`).

    Args:
        network: on any device, in evaluation mode; the score is that of the active head. The heatmap of an
            ensemble is the mean of its members' heatmaps.
        face: grey.
        expression: the class whose score is explained, predicted or not.

    Source: Selvaraju et al., Grad-CAM, 2017; computed by pytorch-grad-cam on `target_layer`.
    """
    if isinstance(network, Ensemble):
        each = [explain_face(member, face, expression) for member in network.members]
        return np.average(each, 0, network.weights).astype(np.float32)
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    device = next(network.model.parameters()).device
    x = to_input(torch.from_numpy(np.array(face)[None]).to(device), network.preprocessing)
    layer, maps = target_layer(network.name, network.model), feature_maps(network.name, network.model)
    output = INDEX[expression] + N_EXPRESSIONS * HEADS.index(network.head)
    with network.in_use, GradCAM(network.model, [layer], maps) as cam:
        heat = cam(x, [ClassifierOutputTarget(output)])[0]
        network.model.zero_grad(set_to_none=True)
    side = (face.shape[1], face.shape[0])
    resized = np.asarray(Image.fromarray(heat.astype(np.float32)).resize(side, Image.Resampling.BILINEAR))
    return np.clip(np.nan_to_num(resized), 0, 1)
