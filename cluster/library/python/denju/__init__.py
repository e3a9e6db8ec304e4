"""Labels point clouds with a network trained by Denju.

    import denju
    model = denju.Model("student.safetensors")
    labels = model(points, intensity=intensity)

``points`` is an array of N points with x, y and z in metres; ``labels`` has one class per point, a
place in ``model.classes``. Arrays of integers and floating-point numbers are read where they are,
whatever their strides; nothing is copied.
"""

from denju._model import Class, Error, Model, Prediction
from denju._library import version

__all__ = ["Class", "Error", "Model", "Prediction", "version"]
__version__ = version()
