"""What touches the network and keeps what came."""
