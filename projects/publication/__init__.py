"""Publishing and unpublishing, now or later; missing facts; public facts."""
