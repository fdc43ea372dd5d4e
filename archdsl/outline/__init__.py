"""What a picture of a network shows, before anything is drawn: scopes, copies, folding, words.

    graph --reader--> scopes --runs, laws--> copies --fold, choose--> cells --labels--> text

Every back end that draws networks starts here, so that all of them show the same boxes.
"""
