//! What a pod sees of the network, from the model.
