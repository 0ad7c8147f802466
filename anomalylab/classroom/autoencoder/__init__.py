"""The exercises of section 4.1, each declared in a module of its own."""

from anomalylab.classroom.autoencoder.own import pump as pump
