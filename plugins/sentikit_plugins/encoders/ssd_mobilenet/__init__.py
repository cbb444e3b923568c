"""SSD-MobileNet v2: a detector of COCO's 80 classes as an encoder of features, and of where which objects are."""
