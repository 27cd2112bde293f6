"""Course transactions and dispatch: classes that hold dependencies, one transaction a method."""
