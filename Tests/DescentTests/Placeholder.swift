// Descent
