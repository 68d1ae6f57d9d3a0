// losslab
